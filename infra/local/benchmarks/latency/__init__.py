"""The time from Kinesis to a WebSocket client, beside that of a pipeline that only passes on.

| module | what it holds |
|---|---|
| `market` | symbols with a past, and for each a bar that opens a signal under the default policy |
| `empty` | the other pipeline: its stack, and its client |
| `pass_on` | the functions of that stack, which do nothing but pass on |
| `rounds` | sends a bar through each in turn, and reports |
"""
