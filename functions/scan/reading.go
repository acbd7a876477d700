package main

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codeartifact"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect/member"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/handler"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history/dynamo/roll"
	"github.com/codeartifact-auditor/codeartifact-auditor/functions/internal/settings"
)

// reading returns who reads accounts: its own as it is, others as a role, and
// above each the control policies that dispatch put into the table.
func reading(cfg aws.Config, of settings.Organization) handler.Reader {
	cfg.Retryer = collect.Retryer(nil)
	clients := func(credentials aws.CredentialsProvider) collect.Clients {
		as := cfg
		if credentials != nil {
			as.Credentials = credentials
		}
		found := collect.Clients{
			IAM: iam.NewFromConfig(as),
			CodeArtifact: func(region string) collect.CodeArtifactClient {
				return codeartifact.NewFromConfig(as, func(o *codeartifact.Options) { o.Region = region })
			},
		}
		if of.Whole && of.Table != "" {
			found.Organization = roll.NewReader(dynamodb.NewFromConfig(cfg), of.Table, time.Now)
		}
		return found
	}
	options := collect.Options{Now: time.Now}
	if !of.Members() {
		return collect.New(clients(nil), options)
	}
	return &member.Reader{
		Own: of.Own, Role: member.Role{Partition: handler.Partition(cfg.Region), Name: of.Role, ExternalID: of.ExternalID},
		Client: sts.NewFromConfig(cfg), Clients: clients, Options: options,
	}
}
