// SPDX-License-Identifier: Apache-2.0

// Command fluentbit is the Fluent Bit plugin oom_kill: an input, a filter and
// an output in one shared object.
//
//	go build -buildmode=c-shared -o flb-filter_oom_kill.so ./fluentbit
//
// The file is the filter; the input needs the name flb-in_oom_kill.so and the
// output out_oom_kill.so, as links to the same file, since a copy would bring a
// second Go runtime. This package only speaks with the host: what the plugins do
// is in packages input, filter and output.
package main

import "github.com/oomtrail/oomtrail/internal/version"

// build is what the plugin calls itself when it starts.
var build = version.Get().String()

func main() {}
