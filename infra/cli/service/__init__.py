"""`signalengine service`: install the local system as a service, start, stop and show it."""
