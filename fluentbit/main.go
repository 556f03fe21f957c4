// SPDX-License-Identifier: Apache-2.0

// Command fluentbit is the Fluent Bit plugin oom_kill: a filter and an output
// in one shared object.
//
//	go build -buildmode=c-shared -o flb-filter_oom_kill.so ./fluentbit
//
// The file is the filter; the output needs the name out_oom_kill.so, as a link
// to the same file, since a copy would bring a second Go runtime. This package
// only speaks with the host: what the plugins do is in packages filter and output.
package main

import "github.com/oomtrail/oomtrail/internal/version"

// build is what the plugin calls itself when it starts.
var build = version.Get().String()

func main() {}
