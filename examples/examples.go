// Package examples holds the sample data as files: agencies with their accounts, terminals and services, the tariffs of the
// services, and messages to send by hand. The program carries them, so that `serve --dev` works in any folder.
package examples

import "embed"

// Files are registry/*.yaml, tariffs/<year>/*.yaml and messages/*.yaml.
//
//go:embed registry/*.yaml tariffs/*/*.yaml messages/*.yaml
var Files embed.FS
