// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"
)

// kernelPackage depends on the newest kernel for virtual machines that a suite has.
const kernelPackage = "linux-image-cloud-amd64"

// kernel is a stock kernel of the distribution whose sources apt knows on this machine.
type kernel struct {
	// name is its major and minor version, and the directory of its captures.
	name string
	// suite of the distribution ships it.
	suite string
}

// kernels is the table: adding a kernel is one line.
var kernels = []kernel{
	{"5.10", "bullseye"},
	{"6.1", "bookworm"},
	{"6.12", "trixie"},
	{"7.2", "sid"},
}

func findKernel(name string) (kernel, error) {
	var known []string
	for _, k := range kernels {
		if k.name == name {
			return k, nil
		}
		known = append(known, k.name)
	}
	return kernel{}, fmt.Errorf("kernel %q is not in the table of kernels.go, which has %s", name, strings.Join(known, ", "))
}
