// SPDX-License-Identifier: Apache-2.0
// The members that all accuracy models begin with.
#include "ModelHeader.h"

namespace gnomon {

llvm::Expected<ModelHeader> readModelHeader(const JsonView &json,
                                            llvm::StringRef kind) {
  llvm::Error problem = llvm::Error::success();
  JsonFields fields(json, problem);
  fields.integer("schema", 1, 1);
  std::string found = fields.string("kind");
  if (!problem && found != kind)
    fields.fail("kind", "expected \"" + kind + "\", found \"" + found + "\"");
  ModelHeader header;
  header.name = fields.string("name");
  header.space = fields.string("space");
  header.metric.name = fields.string("metric");
  header.metric.unit = fields.string("unit");
  std::string sense = fields.string("sense");
  if (sense == "maximize")
    header.metric.sense = search::Sense::Maximize;
  else if (!problem && sense != "minimize")
    fields.fail("sense", "expected \"maximize\" or \"minimize\", found \"" +
                             sense + "\"");
  if (problem)
    return std::move(problem);
  return header;
}

} // namespace gnomon
