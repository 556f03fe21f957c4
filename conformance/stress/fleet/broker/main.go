// SPDX-License-Identifier: Apache-2.0

// Command broker runs a Kafka broker of franz-go's for tests, which keeps what it gets in memory:
// broker PORT TOPIC PARTITIONS. It ends when its standard input does.
package main

import (
	"fmt"
	"io"
	"log"
	"os"
	"strconv"

	"github.com/twmb/franz-go/pkg/kfake"
)

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: broker PORT TOPIC PARTITIONS")
	}
	port, err := strconv.Atoi(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	partitions, err := strconv.ParseInt(os.Args[3], 10, 32)
	if err != nil {
		log.Fatal(err)
	}
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(port), kfake.SeedTopics(int32(partitions), os.Args[2]))
	if err != nil {
		log.Fatal(err)
	}
	defer cluster.Close()
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
}
