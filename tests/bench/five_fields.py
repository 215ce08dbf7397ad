"""The five-field method that is created, read and checked in every measure, and values that fit it.

It is the benchmark's own definition and not one of the built-in catalogue, so that figures stay
comparable when a catalogue entry changes. It has no live test: nothing leaves the machine.
"""

SLUG = "bench"
TYPE = "api"
METHOD = "api_key"

CONFIG = {"base_url": "https://warehouse.example.com/v2", "region": "eu-west-1", "port": 8443}
CREDENTIALS = {"account": "bench.user@example.com", "api_key": "ak_" + "0123456789abcdef" * 2}

DEFINITION = """\
slug: bench
name: Benchmark
type: api
description: Five fields of five types, for the benchmark only.
categories: [test]
docs_url: https://docs.example.com/
auth_methods:
  - id: api_key
    name: API key
    kind: custom
    default: true
    fields:
      - {key: base_url, target: config, type: url, label: Base URL, max_length: 200}
      - key: region
        target: config
        type: select
        label: Region
        options:
          - {value: eu-west-1, label: Ireland}
          - {value: us-east-1, label: Virginia}
          - {value: ap-south-1, label: Mumbai}
      - {key: port, target: config, type: port, label: Port}
      - {key: account, type: email, label: Account, secure: false}
      - key: api_key
        type: password
        label: API key
        pattern: 'ak_[0-9a-f]{32}'
        min_length: 20
        examples: [ak_00000000000000000000000000000000]
        bad_examples: [short]
"""
