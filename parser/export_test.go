// SPDX-License-Identifier: Apache-2.0

package parser

// Formats are the ways of [formats], for tests outside of the package.
var Formats = formats
