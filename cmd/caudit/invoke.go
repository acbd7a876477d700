package main

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/handler"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

func (p *program) invoke() *cobra.Command {
	var f flags
	var accounts []string
	cmd := &cobra.Command{
		Use:   "invoke EVENT",
		Short: "Run a function's own handler here on a recorded payload",
		Example: `  caudit invoke events/put-role-policy.json
                                      what the change function makes of it
  caudit invoke events/put-role-policy.json --account events/account.json
                                      and the sweep that it asks for
  caudit invoke events/sweep-request.json --account events/account.json \
      --format text`,
		ValidArgsFunction: inTurn(files("json")),
		Long: `EVENT is what a function is invoked with: an EventBridge event, a CloudTrail
record, an SQS batch, a sweep request, a schedule. Which function it is for is
seen from its shape. Events are printed as lines of JSON, sweep requests on
standard error; with --account, the sweep is run over the file. With --format
the result is printed in place of the events.

Exit status: 0 when the handler succeeds, whatever it found; 2 otherwise.`,
		Args: oneArgument("a recorded payload", "the folder events/ has some; - reads standard input"),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := f.settings(p)
			if err != nil {
				return err
			}
			if err := eventsWhole(cmd.Flags()); err != nil {
				return err
			}
			payload, err := p.payload(args[0])
			if err != nil {
				return err
			}
			return p.handle(cmd, payload, accounts, s)
		},
	}
	f.register(cmd.Flags())
	cmd.Flags().StringSliceVar(&accounts, "account", nil, "`FILE` to sweep in place of AWS: a dump or an inventory; several merge")
	takesFile(cmd.Flags(), "account", "json")
	return cmd
}

// eventsWhole refuses flags that shape a result where none is printed: events are
// printed as the handler makes them.
func eventsWhole(given *pflag.FlagSet) error {
	if given.Changed("format") {
		return nil
	}
	for _, name := range []string{"rule", "skip", "severity", "baseline", "fail-on", "quiet"} {
		if given.Changed(name) {
			return wrongUsage("--"+name+" shapes a result, and events are printed whole", "add --format, for instance --format text")
		}
	}
	return nil
}

func (p *program) payload(path string) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(p.stdin)
	}
	return os.ReadFile(path)
}

// handle runs the handler and prints events, or the result where --format is
// given.
func (p *program) handle(cmd *cobra.Command, payload []byte, accounts []string, s settings) error {
	var inv *inventory.Inventory
	if len(accounts) > 0 {
		var unread error
		if inv, unread = p.read(accounts, about{}, s.config); unread != nil {
			return unread
		}
	}
	var events bytes.Buffer
	asResult := cmd.Flags().Changed("format")
	invoked, err := handler.Invoke(cmd.Context(), handler.InvokeOptions{
		Payload: payload, Inventory: inv, Config: s.config, Version: buildVersion(), Now: s.now,
		Stdout: &events, Stderr: p.notices.w, Log: p.notices.log(),
	})
	// What was published before the handler failed was published all the same.
	if !asResult {
		if err := p.write(s.output, events.Bytes()); err != nil {
			return err
		}
	} else {
		nothing := auditor.Audit(&inventory.Inventory{}, auditor.Options{Config: s.config, Now: s.now, Version: buildVersion()})
		kept, notes := narrow(together(append([]*auditor.Report{nothing}, invoked.Reports...)), s)
		if err := p.show(kept, notes, s); err != nil {
			return err
		}
	}
	if err != nil {
		return fmt.Errorf("invoke: %w", err)
	}
	return nil
}
