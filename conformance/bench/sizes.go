// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
)

// measureSizes prints how large what is built is.
func measureSizes(int) error {
	fmt.Println()
	for _, path := range []string{pluginPath, collectorPath, "build/otelcol-oom/otelcol-oom"} {
		info, err := os.Stat(path)
		if err != nil {
			fmt.Printf("%s: not built\n", path)
			continue
		}
		fmt.Printf("%s: %.1f MB\n", path, float64(info.Size())/1e6)
	}
	return nil
}
