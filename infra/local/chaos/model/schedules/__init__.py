"""What a schedule is, and how one is made.

| module | what it holds |
|---|---|
| `schedule` | the steps, as data |
| `families` | where a schedule begins, and which functions it disturbs |
| `generator` | how a seed makes one |
| `directed` | schedules made by hand, for what a seed meets too rarely |
| `races` | those in which one process stands still while others go on |
| `minimise` | a failing schedule, shortened and as a test |
"""
