"""People of an Amazon Cognito user pool."""
