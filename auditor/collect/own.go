package collect

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// STSClient is what is asked of STS.
type STSClient interface {
	GetCallerIdentity(context.Context, *sts.GetCallerIdentityInput, ...func(*sts.Options)) (*sts.GetCallerIdentityOutput, error)
}

// Own knows the account that the credentials of its client are of.
type Own struct{ client STSClient }

// NewOwn returns an Own that asks the client.
func NewOwn(client STSClient) Own { return Own{client: client} }

// Accounts returns that account alone. GetCallerIdentity needs no permission.
//
// Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
func (o Own) Accounts(ctx context.Context) ([]string, error) {
	identity, err := o.client.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return nil, fmt.Errorf("own account: %w", err)
	}
	return []string{aws.ToString(identity.Account)}, nil
}
