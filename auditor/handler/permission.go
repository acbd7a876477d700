package handler

// Permission is an action that the role of a function must allow, since the
// function's code can call it.
type Permission struct {
	Action string // as policies name it: "sqs:SendMessage"
	On     Resource
	// Members: only where there are accounts beside the function's own.
	Members bool
}

// Resource is what an action is called on.
type Resource string

// The resources of a deployment.
const (
	// Anything: the action has no resource type, or what is read is not known before.
	Anything   Resource = "*"
	SweepQueue Resource = "sweep queue"
	Bus        Resource = "bus"
	Table      Resource = "table"
	MemberRole Resource = "member role" // of any account
)

// Permissions returns what the role of the function must allow for the calls
// that its code makes. What Lambda itself does in the role's name, taking
// messages from queues and writing logs, is not among it, and neither is
// sts:GetCallerIdentity, which needs no permission.
//
// A test holds them against the interfaces that the code calls AWS through.
func (f Function) Permissions() []Permission { return permissions[f] }

var permissions = map[Function][]Permission{
	ChangeFunction: {
		{"dynamodb:GetItem", Table, false},
		{"dynamodb:PutItem", Table, false},
		{"dynamodb:UpdateItem", Table, false},
		{"events:DescribeEventBus", Bus, false},
		{"events:PutEvents", Bus, false},
		{"sqs:SendMessage", SweepQueue, false},
	},
	ScanFunction: {
		{"codeartifact:GetDomainPermissionsPolicy", Anything, false},
		{"codeartifact:GetRepositoryPermissionsPolicy", Anything, false},
		{"codeartifact:ListDomains", Anything, false},
		{"codeartifact:ListRepositories", Anything, false},
		{"codeartifact:ListRepositoriesInDomain", Anything, false},
		{"dynamodb:BatchGetItem", Table, false},
		{"dynamodb:GetItem", Table, false},
		{"dynamodb:PutItem", Table, false},
		{"dynamodb:Query", Table, false},
		{"dynamodb:UpdateItem", Table, false},
		{"events:DescribeEventBus", Bus, false},
		{"events:PutEvents", Bus, false},
		{"iam:GetAccountAuthorizationDetails", Anything, false},
		{"iam:GetPolicy", Anything, false},
		{"iam:GetPolicyVersion", Anything, false},
		{"sts:AssumeRole", MemberRole, true},
	},
	DispatchFunction: {
		{"dynamodb:BatchWriteItem", Table, false},
		{"dynamodb:Query", Table, false},
		{"organizations:DescribeOrganization", Anything, true},
		{"organizations:DescribePolicy", Anything, true},
		{"organizations:ListAccounts", Anything, true},
		{"organizations:ListAccountsForParent", Anything, true},
		{"organizations:ListOrganizationalUnitsForParent", Anything, true},
		{"organizations:ListPolicies", Anything, true},
		{"organizations:ListPoliciesForTarget", Anything, true},
		{"organizations:ListRoots", Anything, true},
		{"organizations:ListTargetsForPolicy", Anything, true},
		{"sqs:SendMessage", SweepQueue, false},
	},
}
