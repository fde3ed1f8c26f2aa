// RUN: gnomon-opt %s --split-input-file --verify-diagnostics --gnomon-materialize-choices=selection=chosen=b

gnomon.decision @chosen ["a", "b"]
// expected-error @below {{'gnomon.decision' op is not settled, expected one of ["x", "y"] to be selected}}
gnomon.decision @open ["x", "y"]
func.func @unsettled() {
  // expected-note @below {{it matters here}}
  gnomon.choice @open ()
  "x" () {
    gnomon.yield
  }
  "y" () {
    gnomon.yield
  }
  gnomon.choice @chosen ()
  "a" () {
    gnomon.yield
  }
  "b" () {
    gnomon.yield
  }
  return
}

// -----

// A decision that only options not taken refer to need not be settled.
gnomon.decision @chosen ["a", "b"]
gnomon.decision @open ["x"]
func.func @does_not_matter() {
  gnomon.choice @chosen ()
  "a" () {
    gnomon.choice @open ()
    "x" () {
      gnomon.yield
    }
    gnomon.yield
  }
  "b" () {
    gnomon.yield
  }
  return
}

// -----

gnomon.decision @chosen ["a", "b"]
gnomon.decision @other ["x"] selected "x"
func.func @misfit(%0: tensor<8xf32>) {
  %1 = gnomon.choice @chosen () -> tensor<?xf32>
  "a" () {
    gnomon.yield %0 : tensor<8xf32>
  }
  "b" () {
    // expected-note @below {{by the selected option here}}
    %2 = "onnx.Slice"(%0) : (tensor<8xf32>) -> tensor<4xf32>
    gnomon.yield %2 : tensor<4xf32>
  }
  // expected-error @below {{option "x" of @other expects 'tensor<8xf32>' as argument 0, but is given 'tensor<4xf32>'}}
  gnomon.choice @other (%1 : tensor<?xf32>)
  "x" (%x: tensor<8xf32>) {
    gnomon.yield
  }
  return
}

// -----

// expected-error @below {{selection: @chosen has no option "b", expected one of ["a"]}}
module {
  // expected-note @below {{decision declared here}}
  gnomon.decision @chosen ["a"]
  func.func @no_option() {
    gnomon.choice @chosen ()
    "a" () {
      gnomon.yield
    }
    return
  }
}

// -----

// expected-error @below {{selection: the module has no decision @chosen}}
module {
  func.func @no_decision() {
    return
  }
}
