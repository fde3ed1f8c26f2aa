// SPDX-License-Identifier: Apache-2.0
// What the parts of the Python module gnomon._native share.

#ifndef GNOMON_PYTHON_NATIVE_H
#define GNOMON_PYTHON_NATIVE_H

#include "Calls.h"
#include <nanobind/nanobind.h>
#include <stdexcept>

namespace gnomon::python {

/// The answer's value; its problem becomes a RuntimeError.
template <typename T>
T unwrap(Answer<T> answer) {
  if (!answer.value)
    throw std::runtime_error(answer.problem);
  return std::move(*answer.value);
}

/// Adds operators and what relates them to devices to the module.
void addDevices(nanobind::module_ &module);

/// Adds spaces, networks and searches to the module.
void addSearch(nanobind::module_ &module);

} // namespace gnomon::python

#endif // GNOMON_PYTHON_NATIVE_H
