"""How lit runs Gnomon's text tests: tools on PATH, substitutions for folders."""

import os

import lit.formats

config.name = "gnomon"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test", ".onnxtxt"]
config.excludes = ["CMakeLists.txt", "unit", "fuzz", "benchmark", "Inputs"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.gnomon_binary_dir, "test", "output")

tools = [os.path.join(config.gnomon_binary_dir, "bin"), config.llvm_tools_dir]
config.environment["PATH"] = os.pathsep.join(tools + [config.environment.get("PATH", "")])

config.substitutions += [
    ("%gnomon_source", config.gnomon_source_dir),
    ("%gnomon_build", config.gnomon_binary_dir),
    ("%gnomon_plugin", os.path.join(config.gnomon_binary_dir, "lib", "GnomonPlugin.so")),
    ("%mlir_opt", "mlir-opt-22"),
    ("%python", config.gnomon_python),
]
