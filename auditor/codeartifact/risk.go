package codeartifact

// Risk says what the holder of an action can do with it. The classes are this
// product's own: AWS's access levels put the actions that write a resource
// policy with those that write a description. The zero value is invalid.
type Risk uint8

// The risk classes, gravest first.
const (
	_ Risk = iota
	PrivilegeEscalation
	GuardrailRemoval
	TokenIssuance
	SupplyChain
	DataExfiltration
	Destructive
	ABACTampering
	Provisioning
	Configuration
	Reconnaissance
)

var riskNames = [...]string{
	PrivilegeEscalation: "privilege-escalation", GuardrailRemoval: "guardrail-removal", TokenIssuance: "token-issuance",
	SupplyChain: "supply-chain", DataExfiltration: "data-exfiltration", Destructive: "destructive",
	ABACTampering: "abac-tampering", Provisioning: "provisioning", Configuration: "configuration",
	Reconnaissance: "reconnaissance",
}

// String returns the class's name, "supply-chain".
func (r Risk) String() string {
	if int(r) < len(riskNames) && riskNames[r] != "" {
		return riskNames[r]
	}
	return "invalid risk"
}

// Full reports whether full access is measured by actions of this class: what
// takes over, breaks or reads packages, rather than names and describes them.
func (r Risk) Full() bool { return PrivilegeEscalation <= r && r <= Destructive }
