package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/codeartifact"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/spf13/pflag"

	facts "github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect/organization"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// live are the flags of the commands that read an account, as they were written.
type live struct {
	profile, role, externalID string
	regions                   []string
	noOrganization, dryRun    bool
}

func (l *live) register(fs *pflag.FlagSet) {
	fs.StringVar(&l.profile, "profile", "", "use the AWS profile `NAME` of the shared configuration")
	fs.StringVar(&l.role, "role", "", "assume the role `ARN` first; its account is the one that is read")
	fs.StringVar(&l.externalID, "external-id", "", "say `ID` when assuming the role")
	fs.StringSliceVar(&l.regions, "region", nil, "read CodeArtifact in these `REGIONS` alone (all that have it)")
	takes(fs, "region", facts.Regions()...)
	fs.BoolVar(&l.noOrganization, "no-organization", false, "do not ask for the organization's policies: assume that they allow everything")
	fs.BoolVar(&l.dryRun, "dry-run", false, "list the calls that would be made, and make none")
}

// check reports all that is wrong with the flags.
func (l *live) check() error {
	var wrong []error
	for _, region := range l.regions {
		if !facts.HasRegion(region) {
			err := wrongUsage(fmt.Sprintf("--region: CodeArtifact is not in %q", region), "it is in "+strings.Join(facts.Regions(), ", "))
			wrong = append(wrong, meant(err, region, facts.Regions()))
		}
	}
	if l.externalID != "" && l.role == "" {
		wrong = append(wrong, wrongUsage("--external-id without --role", "an external id is for assuming a role"))
	}
	return errors.Join(wrong...)
}

// listCalls writes the calls that reading an account takes.
func (p *program) listCalls(l live) error {
	var out strings.Builder
	regions := l.regions
	if regions == nil {
		regions = facts.Regions()
	}
	if l.role != "" {
		fmt.Fprintf(&out, "%-46s %s\n", "sts:AssumeRole", "once, of "+l.role)
	}
	for _, c := range collect.Calls() {
		if l.noOrganization && strings.HasPrefix(c.Action, "organizations:") {
			continue
		}
		fmt.Fprintf(&out, "%-46s %s\n", c.Action, c.Times)
	}
	fmt.Fprintf(&out, "CodeArtifact is asked in %s\n", strings.Join(regions, ", "))
	return p.write("", []byte(out.String()))
}

// readAccount reads the account of the credentials that the usual AWS settings
// give. An interrupt ends it, and then nothing is told of the account.
func (p *program) readAccount(l live, quiet bool) (*inventory.Inventory, error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	watch := p.watch(quiet)
	defer watch.end()

	settings, err := config.LoadDefaultConfig(ctx,
		config.WithSharedConfigProfile(l.profile), config.WithRetryer(collect.Retryer(watch.throttled)), config.WithDefaultRegion("us-east-1"))
	if err != nil {
		return nil, fmt.Errorf("AWS settings: %w", err)
	}
	if l.role != "" {
		assume := stscreds.NewAssumeRoleProvider(sts.NewFromConfig(settings), l.role, func(o *stscreds.AssumeRoleOptions) {
			o.RoleSessionName = "caudit"
			if l.externalID != "" {
				o.ExternalID = aws.String(l.externalID)
			}
		})
		settings.Credentials = aws.NewCredentialsCache(assume)
	}
	accounts, err := collect.NewOwn(sts.NewFromConfig(settings)).Accounts(ctx)
	if err != nil {
		return nil, wrongUsage("own account: "+collect.Plain(err), "the account is that of the credentials: see --profile and --role")
	}
	clients := collect.Clients{
		IAM: iam.NewFromConfig(settings),
		CodeArtifact: func(region string) collect.CodeArtifactClient {
			return codeartifact.NewFromConfig(settings, func(o *codeartifact.Options) { o.Region = region })
		},
	}
	if !l.noOrganization {
		clients.Organization = organization.New(organizations.NewFromConfig(settings, func(o *organizations.Options) { o.Region = "us-east-1" }))
	}
	options := collect.Options{Regions: slices.Clone(l.regions), Now: time.Now, Watch: watch.saw}
	inv, err := collect.New(clients, options).Read(ctx, accounts[0])
	if ctx.Err() != nil {
		return nil, fmt.Errorf("account %s: interrupted; nothing was written", accounts[0])
	}
	return inv, err
}
