// SPDX-License-Identifier: Apache-2.0

// Command oomtrail reads logs and finds out-of-memory kills: it lists, counts and explains them,
// and prints records of them for programs.
package main

import "github.com/oomtrail/oomtrail/cmd/oomtrail/internal/cli"

func main() { cli.Main() }
