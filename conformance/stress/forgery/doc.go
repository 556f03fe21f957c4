// SPDX-License-Identifier: Apache-2.0

// Package forgery tries a known forgery on the kernel of the machine that it runs on. `make
// forgery` runs it.
package forgery
