// SPDX-License-Identifier: Apache-2.0

// Package fleet runs the shipped configurations of a fleet, with real processes: an agent that
// stands for thousands of hosts, several gateways behind it, and a backend that counts. While kills
// flow, one gateway is killed and another one joins; each kill must arrive, under one key. One
// table says what came how often, and what the gateways took of processor and memory.
package fleet
