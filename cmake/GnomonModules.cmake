# The house verbs. A library, tool or test names its sources and its direct
# dependencies; everything else (flags, include folders, layering) comes from
# here.
#
#   gnomon_add_library(Forest SOURCES Forest.cpp DEPENDS Support)
#   gnomon_add_tool(gnomon-opt SOURCES gnomon-opt.cpp DEPENDS Transforms)
#   gnomon_add_unittest(Forest SOURCES ForestTest.cpp DEPENDS Forest)
#   gnomon_add_fuzzer(ForestReader SOURCES FuzzForest.cpp DEPENDS Forest)
#   gnomon_add_benchmark(Forest SOURCES BenchForest.cpp DEPENDS Forest)
#
# DEPENDS takes names of Gnomon libraries; LINK takes targets from elsewhere
# (MLIR, onnx, benchmark ...). GENERATED takes tablegen targets that must run
# first. EXCEPTIONS turns C++ exceptions on: only for code that calls a library
# which throws. LLVMSupport is always there. STATIC_MLIR links a tool with MLIR's
# archives: a third of the time to start, but it cannot load plugins.

# What MLIR and LLVM are for the target that is linked in the end.
set(_gnomon_static $<BOOL:$<TARGET_PROPERTY:GNOMON_STATIC_MLIR>>)
set(_gnomon_mlir $<IF:${_gnomon_static},GnomonStaticMLIR,MLIR>)
set(_gnomon_llvm $<$<NOT:${_gnomon_static}>:LLVM>)

function(_gnomon_configure target)
  cmake_parse_arguments(ARG "EXCEPTIONS" "" "DEPENDS;LINK;GENERATED" ${ARGN})
  target_include_directories(${target} PUBLIC
    ${CMAKE_SOURCE_DIR}/include ${CMAKE_BINARY_DIR}/include)
  target_include_directories(${target} SYSTEM PUBLIC
    ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
  separate_arguments(definitions NATIVE_COMMAND "${LLVM_DEFINITIONS}")
  target_compile_options(${target} PRIVATE ${definitions}
    -Wall -Wextra -Wno-unused-parameter -Werror=return-type -Werror=switch -ffp-contract=off)
  if(NOT LLVM_ENABLE_RTTI)
    target_compile_options(${target} PRIVATE -fno-rtti)
  endif()
  if(NOT ARG_EXCEPTIONS)
    target_compile_options(${target} PRIVATE -fno-exceptions)
  endif()
  list(TRANSFORM ARG_DEPENDS PREPEND Gnomon)
  list(TRANSFORM ARG_LINK REPLACE "^MLIR$" "${_gnomon_mlir}")
  target_link_libraries(${target} PUBLIC ${ARG_DEPENDS} ${ARG_LINK} ${_gnomon_llvm})
  if(ARG_GENERATED)
    add_dependencies(${target} ${ARG_GENERATED})
  endif()
endfunction()

macro(_gnomon_parse)
  cmake_parse_arguments(UNIT "EXCEPTIONS;STATIC_MLIR" "" "SOURCES;DEPENDS;LINK;GENERATED" ${ARGN})
  if(UNIT_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "unknown arguments: ${UNIT_UNPARSED_ARGUMENTS}")
  endif()
  set(UNIT_OPTIONS DEPENDS ${UNIT_DEPENDS} LINK ${UNIT_LINK} GENERATED ${UNIT_GENERATED})
  if(UNIT_EXCEPTIONS)
    list(APPEND UNIT_OPTIONS EXCEPTIONS)
  endif()
endmacro()

function(gnomon_add_library name)
  _gnomon_parse(${ARGN})
  add_library(Gnomon${name} STATIC ${UNIT_SOURCES})
  _gnomon_configure(Gnomon${name} ${UNIT_OPTIONS})
endfunction()

function(gnomon_add_tool name)
  _gnomon_parse(${ARGN})
  add_executable(${name} ${UNIT_SOURCES})
  _gnomon_configure(${name} ${UNIT_OPTIONS})
  set_target_properties(${name} PROPERTIES GNOMON_STATIC_MLIR ${UNIT_STATIC_MLIR})
endfunction()

# A shared object that hosts load at run time. The symbols of the static
# libraries inside stay inside, so that a host with its own ONNX does not
# collide with ours.
function(gnomon_add_plugin name)
  _gnomon_parse(${ARGN})
  add_library(${name} MODULE ${UNIT_SOURCES})
  _gnomon_configure(${name} ${UNIT_OPTIONS})
  set_target_properties(${name} PROPERTIES PREFIX "")
  target_link_options(${name} PRIVATE -Wl,--exclude-libs,ALL)
endfunction()

function(gnomon_add_unittest name)
  _gnomon_parse(${ARGN})
  add_executable(Gnomon${name}Tests ${UNIT_SOURCES})
  _gnomon_configure(Gnomon${name}Tests ${UNIT_OPTIONS})
  target_link_libraries(Gnomon${name}Tests PRIVATE GTest::gtest GTest::gmock GTest::gtest_main)
  target_compile_definitions(Gnomon${name}Tests PRIVATE
    GNOMON_SOURCE_DIR="${CMAKE_SOURCE_DIR}" GNOMON_BINARY_DIR="${CMAKE_BINARY_DIR}")
  add_test(NAME unit-${name} COMMAND Gnomon${name}Tests)
endfunction()

function(gnomon_add_fuzzer name)
  if(NOT GNOMON_BUILD_FUZZERS)
    return()
  endif()
  _gnomon_parse(${ARGN})
  add_executable(Fuzz${name} ${UNIT_SOURCES})
  _gnomon_configure(Fuzz${name} ${UNIT_OPTIONS})
  target_compile_options(Fuzz${name} PRIVATE -fsanitize=fuzzer)
  target_link_options(Fuzz${name} PRIVATE -fsanitize=fuzzer)
endfunction()

function(gnomon_add_benchmark name)
  if(NOT GNOMON_BUILD_BENCHMARKS)
    return()
  endif()
  _gnomon_parse(${ARGN})
  add_executable(Bench${name} ${UNIT_SOURCES})
  _gnomon_configure(Bench${name} ${UNIT_OPTIONS})
  target_link_libraries(Bench${name} PRIVATE benchmark::benchmark)
  target_compile_definitions(Bench${name} PRIVATE GNOMON_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
endfunction()

# Run mlir-tblgen over a file and collect the outputs under the target NAME. An
# output is followed by its options, which start with a dash:
#   gnomon_tablegen(GnomonTransformsIncGen Passes.td
#     Passes.h.inc -gen-pass-decls -name=Transforms)
function(gnomon_tablegen target file)
  include_directories(SYSTEM ${MLIR_INCLUDE_DIRS})
  set(LLVM_TARGET_DEFINITIONS ${file})
  set(output "")
  foreach(argument IN LISTS ARGN)
    if(argument MATCHES "^-")
      list(APPEND options ${argument})
      continue()
    endif()
    if(output)
      mlir_tablegen(${output} ${options} EXTRA_INCLUDES ${CMAKE_SOURCE_DIR}/include)
    endif()
    set(output ${argument})
    set(options "")
  endforeach()
  mlir_tablegen(${output} ${options} EXTRA_INCLUDES ${CMAKE_SOURCE_DIR}/include)
  add_public_tablegen_target(${target})
endfunction()
