// RUN: not gnomon-opt %s --gnomon-build-space='space-file=%gnomon_source/test/Transforms/Inputs/no-such.json' 2>&1 | FileCheck %s --check-prefix=MISSING
// RUN: not gnomon-opt %s --gnomon-build-space='space=mbv2 space-file=%gnomon_source/test/Transforms/Inputs/own-space.json' 2>&1 | FileCheck %s --check-prefix=BOTH
// RUN: not gnomon-opt %s --gnomon-build-space 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not gnomon-opt %s --gnomon-build-space='space-file=%gnomon_source/test/Transforms/Inputs/own-space.json resolutions=4' 2>&1 | FileCheck %s --check-prefix=RESOLUTION
// RUN: not gnomon-opt %s --gnomon-build-space='space-file=%gnomon_source/test/Transforms/Inputs/own-space.json width-mult=2' 2>&1 | FileCheck %s --check-prefix=WIDTH
// RUN: rm -rf %t && mkdir -p %t
// RUN: sed 's/"channels": 8/"channel": 8/' %S/Inputs/own-space.json > %t/space.json && cd %t
// RUN: not gnomon-opt %s --gnomon-build-space='space-file=space.json' 2>&1 | FileCheck %s --check-prefix=FIELD

// MISSING: error: {{.*}}no-such.json: No such file or directory
// BOTH: error: expected one of the options space, space-file and rules, found 2
// NONE: error: expected one of the options space, space-file and rules, found 0
// RESOLUTION: error: resolutions: found 4, expected 8 to 1024
// WIDTH: error: width-mult: found 2
// FIELD: error: {{.*}}.json: network[0].channel: unknown member, expected one of name, {{.*}}channels
module {}
