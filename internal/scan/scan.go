// SPDX-License-Identifier: Apache-2.0

// Package scan finds the lines of a log that have to be read: those that hold a trigger, and those
// around them.
package scan
