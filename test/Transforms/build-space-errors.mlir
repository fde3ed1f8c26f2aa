// RUN: not gnomon-opt %s --gnomon-build-space='space=ofa-mbv4' 2>&1 | FileCheck %s --check-prefix=SPACE
// RUN: not gnomon-opt %s --gnomon-build-space='space=ofa-mbv3 resolutions=0' 2>&1 | FileCheck %s --check-prefix=RESOLUTION
// RUN: not gnomon-opt %s --gnomon-build-space='space=ofa-mbv3 width-mult=3' 2>&1 | FileCheck %s --check-prefix=WIDTH
// RUN: not gnomon-opt %s --gnomon-build-space='space=ofa-mbv3' --gnomon-build-space='space=fbnet' 2>&1 | FileCheck %s --check-prefix=FULL

// SPACE: error: space: no 'ofa-mbv4', expected one of: {{.*}}fbnet{{.*}}ofa-mbv3
// RESOLUTION: error: resolutions: found 0, expected 8 to 1024
// WIDTH: error: {{.*}}3
// FULL: error: expected an empty module to build the space in
module {}
