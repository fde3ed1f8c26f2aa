// RUN: gnomon-opt %s --split-input-file --verify-diagnostics

// expected-error @below {{'gnomon.decision' op expected at least one option}}
gnomon.decision @none []

// -----

// expected-error @below {{'gnomon.decision' op has the option "a" twice}}
gnomon.decision @twice ["a", "a"]

// -----

// expected-error @below {{'gnomon.decision' op expected options with names, found an empty one}}
gnomon.decision @nameless ["a", ""]

// -----

// expected-error @below {{'gnomon.decision' op selected "c", expected one of ["a", "b"]}}
gnomon.decision @outside ["a", "b"] selected "c"

// -----

// expected-error @below {{'gnomon.decision' op @idle is used by no choice and no function; expected one}}
gnomon.decision @idle ["a"]

// -----

func.func @unknown_decision() {
  // expected-error @below {{'gnomon.choice' op names @missing, which is no gnomon.decision of the module}}
  gnomon.choice @missing ()
  "a" () {
    gnomon.yield
  }
  return
}

// -----

// expected-note @below {{decision declared here}}
gnomon.decision @block ["a", "b"]
func.func @missing_region() {
  // expected-error @below {{'gnomon.choice' op has the options ["a"], expected ["a", "b"]}}
  gnomon.choice @block ()
  "a" () {
    gnomon.yield
  }
  return
}

// -----

gnomon.decision @block ["a", "b"]
func.func @regions_without_names() {
  // expected-error @below {{'gnomon.choice' op has 1 regions, expected one for each of its 2 options}}
  "gnomon.choice"() <{decision = @block, options = ["a", "b"]}> ({
    gnomon.yield
  }) : () -> ()
  return
}

// -----

gnomon.decision @block ["a"]
func.func @argument_type(%0: tensor<8xf32>) {
  // expected-error @below {{'gnomon.choice' op option "a" has argument 0 of type 'tensor<4xf32>', expected 'tensor<8xf32>'}}
  gnomon.choice @block (%0 : tensor<8xf32>)
  "a" (%x: tensor<4xf32>) {
    gnomon.yield
  }
  return
}

// -----

gnomon.decision @block ["a"]
func.func @argument_count(%0: tensor<8xf32>) {
  // expected-error @below {{'gnomon.choice' op option "a" has 0 arguments, expected 1}}
  gnomon.choice @block (%0 : tensor<8xf32>)
  "a" () {
    gnomon.yield
  }
  return
}

// -----

gnomon.decision @block ["a", "b"]
func.func @result_type(%0: tensor<8xf32>, %1: tensor<4xf32>) {
  // expected-error @below {{'gnomon.choice' op option "b" has result 0 of type 'tensor<4xf32>', expected 'tensor<8xf32>'}}
  %2 = gnomon.choice @block () -> tensor<8xf32>
  "a" () {
    gnomon.yield %0 : tensor<8xf32>
  }
  "b" () {
    // expected-note @below {{yielded here}}
    gnomon.yield %1 : tensor<4xf32>
  }
  return
}

// -----

gnomon.decision @block ["a"]
func.func @result_less_exact(%0: tensor<?xf32>) {
  // expected-error @below {{'gnomon.choice' op option "a" has result 0 of type 'tensor<?xf32>', expected 'tensor<8xf32>'}}
  %2 = gnomon.choice @block () -> tensor<8xf32>
  "a" () {
    // expected-note @below {{yielded here}}
    gnomon.yield %0 : tensor<?xf32>
  }
  return
}

// -----

gnomon.decision @block ["a"]
func.func @itself_inside() {
  // expected-note @below {{which is decided here}}
  gnomon.choice @block ()
  "a" () {
    // expected-error @below {{'gnomon.choice' op is inside an option of @block itself}}
    gnomon.choice @block ()
    "a" () {
      gnomon.yield
    }
    gnomon.yield
  }
  return
}

// -----

gnomon.decision @a ["x"]
gnomon.decision @b ["x"]
func.func @cycle() {
  gnomon.choice @a ()
  "x" () {
    // expected-error @below {{'gnomon.choice' op of @b is inside an option of @a, which is itself nested in @b}}
    gnomon.choice @b ()
    "x" () {
      gnomon.yield
    }
    gnomon.yield
  }
  gnomon.choice @b ()
  "x" () {
    // expected-note @below {{@a is nested here}}
    gnomon.choice @a ()
    "x" () {
      gnomon.yield
    }
    gnomon.yield
  }
  return
}

// -----

// expected-error @below {{is an alternative of @resolution, which is no gnomon.decision of the module}}
func.func private @no_decision() attributes {gnomon.alternative = #gnomon.alternative<@resolution, "160">}

// -----

// expected-note @below {{decision declared here}}
gnomon.decision @resolution ["160"]
// expected-error @below {{is the alternative "224" of @resolution, expected one of ["160"]}}
func.func private @no_option() attributes {gnomon.alternative = #gnomon.alternative<@resolution, "224">}

// -----

gnomon.decision @resolution ["160"]
// expected-note @below {{the first is here}}
func.func private @first() attributes {gnomon.alternative = #gnomon.alternative<@resolution, "160">}
// expected-error @below {{is a second function for #gnomon.alternative<@resolution, "160">}}
func.func private @second() attributes {gnomon.alternative = #gnomon.alternative<@resolution, "160">}

// -----

// expected-error @below {{'gnomon.alternative' expected a #gnomon.alternative, found "160"}}
func.func private @no_alternative() attributes {gnomon.alternative = "160"}

// -----

// expected-error @below {{'gnomon.alternative' belongs on a function of a module}}
module attributes {gnomon.alternative = #gnomon.alternative<@resolution, "160">} {}

// -----

// expected-error @below {{'gnomon.block' expected a string, found 1 : i64}}
func.func private @no_key() attributes {gnomon.block = 1}
