// SPDX-License-Identifier: Apache-2.0

//go:build !js

package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "this program is for a browser: make web builds it")
	os.Exit(2)
}
