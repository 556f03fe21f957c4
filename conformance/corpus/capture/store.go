// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// storeScenario writes the files of one scenario, dmesg.txt and the finished truth among them, in
// place of older ones.
func storeScenario(dir string, files map[string][]byte, machine map[string]any) error {
	if files["kmsg.raw"] == nil || files["truth.json"] == nil {
		return fmt.Errorf("no kmsg.raw or truth.json came out of the guest")
	}
	truth, err := finishTruth(files["truth.json"], machine)
	if err != nil {
		return err
	}
	files["truth.json"] = append(truth, '\n')
	files["dmesg.txt"] = renderDmesg(files["kmsg.raw"])
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o755)); err != nil {
		return err
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(name)), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}
