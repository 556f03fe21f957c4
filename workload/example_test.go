// SPDX-License-Identifier: Apache-2.0

package workload_test

import (
	"fmt"
	"os"

	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/workload"
)

// The records of a node's log, with the names that the node's files give. The log and the files are
// those of a real kubelet after a real kill.
func Example() {
	const node = "testdata/real/kubelet-1.34.2/"
	names, err := workload.New(workload.Options{Root: node + "root"})
	if err != nil {
		fmt.Println(err) // no name is found, all else is as it would be
	}
	log, err := os.Open(node + "kmsg.raw")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer log.Close()
	err = parser.ReadAll(log, parser.Options{Names: names.Lookup}, func(r *parser.Record) error {
		fmt.Println(r.Body)
		fmt.Println(r.Text("k8s.namespace.name"), r.Text("k8s.pod.name"), r.Text("k8s.container.name"))
		return nil
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// OOM kill: cart (10896) in container app of pod shop/cart-node-1: 65 of 64 MiB
	// shop cart-node-1 app
}
