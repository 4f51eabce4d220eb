package tariffs

import (
	_ "embed"
)

//go:embed schema/tariff.schema.json
var schema []byte

// Schema returns the JSON Schema (draft 2020-12) of one document of a tariff
// file, by which an editor can help to write one. It knows every key and form;
// what keys mean to each other is for Parse to check.
func Schema() []byte { return append([]byte(nil), schema...) }
