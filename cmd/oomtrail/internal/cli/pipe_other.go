// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package cli

// ignorePipe does nothing: to write into a pipe that nobody reads is an error here.
func ignorePipe() {}
