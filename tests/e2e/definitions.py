"""Integrations that the pages are tried with."""

# A field of each kind of widget, groups, conditions, prefix and suffix, files.
EVERYTHING = """
slug: everything
name: Everything that a form can ask
type: api
description: A field of every widget, in groups, with conditions, affixes and files.
docs_url: https://docs.example.com/
auth_methods:
  - id: keys
    name: Keys
    kind: custom
    default: true
    description: Ask whoever runs the service for them.
    docs_url: https://docs.example.com/keys
    fields:
      - {key: api_key, type: password, label: API key, min_length: 8, help_text: 'Settings, Keys.',
         docs_url: 'https://docs.example.com/keys#new'}
      - {key: email, type: email, label: Email, secure: false, placeholder: ann@example.com}
      - {key: host, target: config, type: hostname, label: Host, prefix: 'https://', suffix: /api}
      - {key: mode, target: config, type: select, label: Mode, default: simple,
         options: [{value: simple, label: Simple}, {value: signed, label: Signed}]}
      - {key: key_file, type: pem, label: Private key, required: false,
         visible_if: {field: config.mode, equals: signed},
         required_if: {field: config.mode, equals: signed}}
      - {key: account, type: json, label: Service account, required: false, group: Files}
      - {key: scopes, target: config, type: multiselect, label: Scopes, required: false,
         group: What it may do,
         options: [{value: read, label: Read}, {value: write, label: Write}]}
      - {key: is_sandbox, target: config, type: boolean, label: Sandbox, required: false,
         group: What it may do}
      - {key: retries, target: config, type: integer, label: Retries, default: 3, advanced: true}
      - {key: since, target: config, type: date, label: Since, required: false, advanced: true}
    request: {base_url: 'https://{host}/api', headers: {X-Key: '{api_key}'}}
"""
