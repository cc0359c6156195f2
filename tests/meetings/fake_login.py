"""Microsoft's login as far as applications use it: discovery, and tokens for a secret or a certificate."""

import uuid
from urllib.parse import parse_qs, unquote

import jwt
from cryptography.hazmat.primitives import hashes

from .fake_certificates import thumbprint
from .fake_http import Answer, Asked


class Login:
    """The token endpoint and the discovery document of a tenant."""

    def __init__(self, server):
        self.server = server

    def answer(self, asked: Asked) -> Answer:
        tenant = unquote(asked.path.split("/")[1])
        discovery = asked.path.endswith("/.well-known/openid-configuration")
        operation = "discovery" if discovery else "token"
        effect = self._discovery if discovery else lambda: self._token(asked)
        answer = self.server.perform(operation, "", lambda: self._tenant(tenant) or effect())
        self.server.note(operation, "", answer, asked)
        return answer

    def _tenant(self, tenant: str) -> Answer | None:
        if tenant in (self.server.tenant, "school.example"):
            return None
        return self._refusal(400, "invalid_tenant", 90002, f"Tenant '{tenant}' not found.")

    def _refusal(self, status: int, kind: str, number: int, message: str) -> Answer:
        body = {
            "error": kind,
            "error_description": f"AADSTS{number}: {message} Trace ID: 1 Correlation ID: 2",
            "error_codes": [number],
            "timestamp": "2027-02-01 10:00:00Z",
            "trace_id": str(uuid.uuid4()),
            "correlation_id": str(uuid.uuid4()),
        }
        return Answer(status, body)

    @property
    def _endpoint(self) -> str:
        return f"{self.server.origin}/{self.server.tenant}/oauth2/v2.0/token"

    def _discovery(self) -> Answer:
        base = f"{self.server.origin}/{self.server.tenant}"
        body = {
            "token_endpoint": self._endpoint,
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
            "issuer": f"{base}/v2.0",
            "jwks_uri": f"{base}/discovery/v2.0/keys",
        }
        return Answer(200, body)

    def _token(self, asked: Asked) -> Answer:
        form = {name: values[0] for name, values in parse_qs(asked.body or "").items()}
        if form.get("grant_type") != "client_credentials":
            return self._refusal(400, "unsupported_grant_type", 70003, "The grant type is not supported.")
        if form.get("scope") != f"{self.server.origin}/.default":
            return self._refusal(400, "invalid_scope", 70011, "The provided scope is not valid.")
        refusal = self._client(form)
        if refusal:
            return refusal
        claims = {"aud": self.server.graph, "roles": sorted(self.server.roles), "jti": str(uuid.uuid4())}
        token = jwt.encode(claims, "0" * 32, algorithm="HS256")
        with self.server.lock:
            self.server.tokens[token] = frozenset(self.server.roles)
        seconds = self.server.token_seconds
        return Answer(
            200,
            {"token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds, "access_token": token},
        )

    def _client(self, form: dict) -> Answer | None:
        if form.get("client_id") != self.server.client_id:
            return self._refusal(400, "unauthorized_client", 700016, "Application was not found.")
        if "client_assertion" in form:
            number, message = self._assertion(form)
        else:
            number, message = self._secret(form.get("client_secret"))
        if number:
            return self._refusal(401, "invalid_client", number, message)
        if not self.server.principal:
            return self._refusal(401, "invalid_client", 7000229, "Missing service principal in the tenant.")
        return None

    def _secret(self, secret: str | None) -> tuple[int, str]:
        if secret is None:
            return 7000218, "The request body must contain 'client_assertion' or 'client_secret'."
        if secret in self.server.expired_secrets:
            return 7000222, "The provided client secret keys are expired."
        return (0, "") if secret == self.server.secret else (7000215, "Invalid client secret provided.")

    def _assertion(self, form: dict) -> tuple[int, str]:
        text = form["client_assertion"]
        head = jwt.get_unverified_header(text)
        named = {head.get("x5t", "").rstrip("="), head.get("x5t#S256", "").rstrip("=")}
        for certificate in (*self.server.certificates, *self.server.expired_certificates):
            if named & {thumbprint(certificate, kind) for kind in (hashes.SHA1(), hashes.SHA256())}:
                break
        else:
            return 700027, "Client assertion contains an invalid signature. [Reason - The key was not found.]"
        if certificate in self.server.expired_certificates:
            return 700027, "Client assertion failed. [Reason - The key used is expired.]"
        try:
            claims = jwt.decode(
                text, certificate.public_key(), algorithms=["RS256", "PS256"], audience=self._endpoint
            )
        except jwt.InvalidTokenError:
            return 700027, "Client assertion contains an invalid signature. [Reason - The key used is wrong.]"
        if {claims.get("iss"), claims.get("sub")} != {self.server.client_id}:
            return 700021, "Client assertion application identifier doesn't match 'client_id' parameter."
        return 0, ""
