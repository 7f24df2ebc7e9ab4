"""Parameters, tokens and exchange credentials in the SSM Parameter Store."""
