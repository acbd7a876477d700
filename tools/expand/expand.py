"""Writes template.yaml without its transform, for tools that take none.

usage: expand.py TEMPLATE > EXPANDED

The functions' code is taken from a bucket: the parameters CodeBucket and
CodePrefix are added, and a function's zip is <prefix><name>.zip, as
`make zips` names them. The same template gives the same bytes.
"""

import sys

from boto3.session import Session
from samcli.yamlhelper import yaml_dump, yaml_parse
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

TRANSFORM = "AWS::Serverless-2016-10-31"

CODE = {
    "CodeBucket": {
        "Type": "String",
        "AllowedPattern": "[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
        "ConstraintDescription": "the name of a bucket",
        "Description": "Bucket in us-east-1 that holds the zips of the functions",
    },
    "CodePrefix": {
        "Type": "String",
        "Default": "",
        "AllowedPattern": "([A-Za-z0-9!_.*'()/-]{1,200}/)?",
        "ConstraintDescription": "a folder with a slash at its end, or nothing",
        "Description": "Where in the bucket: a folder named for the version, so that an update changes it",
    },
}


def expand(text):
    template = yaml_parse(text)
    if template.get("Transform") != TRANSFORM:
        sys.exit(f"no template of SAM: its transform is {template.get('Transform')!r} (expected {TRANSFORM!r})")
    template["Parameters"].update(CODE)
    groups = template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    groups.insert(0, {"Label": {"default": "Code of the functions"}, "Parameters": list(CODE)})
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            zip_name = name.removesuffix("Function").lower() + ".zip"
            resource["Properties"]["CodeUri"] = {"Bucket": {"Ref": "CodeBucket"}, "Key": {"Fn::Sub": "${CodePrefix}" + zip_name}}
            resource.pop("Metadata", None)  # how SAM builds it
    template["Globals"]["Function"].pop("CodeUri", None)
    session = Session(region_name="us-east-1")  # the stack's home; nobody is asked
    out = Translator(managed_policy_map={}, sam_parser=Parser(), boto_session=session).translate(template, parameter_values={})
    out.pop("Transform", None)
    return yaml_dump(out)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as file:
        expanded = expand(file.read())
    print("# Made from template.yaml by `make expanded`.")
    print(expanded, end="")


main()
