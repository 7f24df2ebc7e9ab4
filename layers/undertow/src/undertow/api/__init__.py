"""The dashboard's API: which routes there are, who may call them, and how answers look."""
