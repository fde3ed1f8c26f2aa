"""How lit runs Gnomon's text tests: tools on PATH, substitutions for folders."""

import atexit
import os
import shutil
import tempfile

import lit.formats


def link_to(folder: str) -> str:
    """A folder with blanks under a name without: lit pastes paths into commands as they are."""
    if not any(character.isspace() for character in folder):
        return folder
    place = tempfile.mkdtemp(prefix="gnomon-lit-")
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    link = os.path.join(place, "tree")
    os.symlink(folder, link)
    return link


source = link_to(config.gnomon_source_dir)
build = config.gnomon_binary_dir.replace(config.gnomon_source_dir, source)
python = config.gnomon_python.replace(config.gnomon_source_dir, source)

config.name = "gnomon"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test", ".onnxtxt"]
config.excludes = ["CMakeLists.txt", "unit", "fuzz", "benchmark", "Inputs"]
if config.gnomon_sanitize:
    # The stock mlir-opt carries no sanitizer and cannot load a plugin with one.
    config.excludes.append("Plugin")
config.test_source_root = os.path.join(source, "test")
config.test_exec_root = os.path.join(build, "test", "output")

tools = [os.path.join(build, "bin"), config.llvm_tools_dir]
config.environment["PATH"] = os.pathsep.join([*tools, config.environment.get("PATH", "")])

if source != config.gnomon_source_dir:
    # The test's own paths, which lit resolves to the folder with blanks. Tests
    # whose tools read options inside an argument name their files relatively.
    config.substitutions += [(rf"%{letter}\b", f'"%{letter}"') for letter in "sStT"]
config.substitutions += [
    ("%gnomon_source", source),
    ("%gnomon_build", build),
    ("%gnomon_plugin", os.path.join(build, "lib", "GnomonPlugin.so")),
    ("%mlir_opt", "mlir-opt-22"),
    ("%python", python),
]
