package oracle

import (
	"net"
	"strings"
)

// compareAddress looks for an address in a range. An address without a prefix is
// taken for a range of one; AWS says so of /32 alone, which a longer IPv6
// address does not have.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IPAddress
func compareAddress(text, value string) (match Truth, sound bool) {
	address := net.ParseIP(value)
	if address == nil {
		return Maybe, true // the request would have to be wrong
	}
	if !strings.Contains(text, "/") {
		one := net.ParseIP(text)
		if one == nil {
			return No, false
		}
		if one.To4() == nil && !one.Equal(address) {
			_, wide, _ := net.ParseCIDR(text + "/32")
			return both(Maybe, truth(address.To4() == nil && wide.Contains(address))), true
		}
		return truth(one.Equal(address)), true
	}
	_, network, err := net.ParseCIDR(text)
	if err != nil {
		return No, false
	}
	sameFamily := (network.IP.To4() == nil) == (address.To4() == nil)
	return truth(sameFamily && network.Contains(address)), true
}
