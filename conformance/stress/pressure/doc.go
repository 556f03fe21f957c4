// SPDX-License-Identifier: Apache-2.0

//go:build linux

// Command pressure makes a machine run short of memory in the ways that machines do, and holds the
// warnings that came against what truly happened: which process the kernel killed and when, as its
// parent knows it. It prints a table: how long before the kill a warning came, which warnings came
// without need, and what watching cost.
//
// It is for Linux, as root. In a guest that has it as /init (make pressure-guest) it may use up the
// whole machine.
package main
