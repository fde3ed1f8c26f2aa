# Everything Gnomon takes from elsewhere; script/bootstrap installs it.

# The MLIR package refuses a version request from find_package, so ask for the
# package and check the version here.
set(MLIR_LINK_MLIR_DYLIB ON)
set(LLVM_LINK_LLVM_DYLIB ON)
find_package(MLIR REQUIRED CONFIG HINTS /usr/lib/llvm-22/lib/cmake/mlir)
if(NOT LLVM_VERSION_MAJOR EQUAL 22)
  message(FATAL_ERROR "Gnomon needs LLVM and MLIR 22, found ${LLVM_PACKAGE_VERSION} in ${LLVM_DIR}")
endif()
list(APPEND CMAKE_MODULE_PATH "${MLIR_CMAKE_DIR}" "${LLVM_CMAKE_DIR}")
include(TableGen)
include(AddLLVM)
include(AddMLIR)

# The archives, for tools where the time to bind the shared libraries counts.
file(GLOB mlir_archives "${LLVM_LIBRARY_DIR}/libMLIR*.a")
llvm_map_components_to_libnames(llvm_archives core support)
add_library(GnomonStaticMLIR INTERFACE)
target_link_libraries(GnomonStaticMLIR INTERFACE
  -Wl,--as-needed -Wl,--start-group ${mlir_archives} -Wl,--end-group ${llvm_archives})

find_package(Protobuf REQUIRED)
find_package(ONNX 1.23 REQUIRED CONFIG HINTS "${GNOMON_DEPS_DIR}/onnx-1.23.2")
find_package(Eigen3 REQUIRED)
find_package(hwy REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(GTest REQUIRED)
find_package(Threads REQUIRED)

# COIN-OR's branch and cut, shared: its archives are not position-independent.
find_path(CBC_INCLUDE_DIR coin/CbcModel.hpp REQUIRED)
add_library(CBC::cbc INTERFACE IMPORTED)
set_target_properties(CBC::cbc PROPERTIES
  INTERFACE_INCLUDE_DIRECTORIES "${CBC_INCLUDE_DIR};${CBC_INCLUDE_DIR}/coin")
foreach(library Cbc Cgl OsiClp Clp Osi CoinUtils)
  find_library(CBC_${library} ${library} REQUIRED)
  target_link_libraries(CBC::cbc INTERFACE "${CBC_${library}}")
endforeach()
if(GNOMON_BUILD_BENCHMARKS)
  find_package(benchmark REQUIRED)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

find_program(LLD NAMES ld.lld-22)
if(LLD)
  add_link_options(-fuse-ld=${LLD})
endif()

if(GNOMON_SANITIZE)
  add_compile_options(-fsanitize=${GNOMON_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${GNOMON_SANITIZE})
endif()
# Fuzzers see the paths taken inside the libraries only when those are
# instrumented too.
if(GNOMON_BUILD_FUZZERS)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
