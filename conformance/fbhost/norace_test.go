//go:build !race

package fbhost_test

const raceEnabled = false
