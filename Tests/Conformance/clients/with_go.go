// Go's net/http, with one client. It has no limit between two reads, so that there is one for all.
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"time"
)

func fetch(client *http.Client, url, out string) error {
	reply, err := client.Get(url)
	if err != nil {
		return err
	}
	defer reply.Body.Close()
	if reply.StatusCode < 200 || reply.StatusCode > 299 {
		return fmt.Errorf("status %s", reply.Status)
	}
	content, err := io.ReadAll(reply.Body)
	if err != nil {
		return err
	}
	return os.WriteFile(out, content, 0o644)
}

func main() {
	words := os.Args[1:]
	if len(words) == 1 && words[0] == "--version" {
		fmt.Println(runtime.Version(), "net/http")
		return
	}
	client := &http.Client{Timeout: 9 * time.Second}
	for index := 0; index+1 < len(words); index += 2 {
		if err := fetch(client, words[index], words[index+1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
