package parser

// Formats are the ways of [formats], for tests outside of the package.
var Formats = formats
