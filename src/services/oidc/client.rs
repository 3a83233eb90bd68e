//! The words of OpenID Connect in the types of the library, and requests to the provider over the process's own HTTP client.

use super::claims::Own;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm, CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AsyncHttpClient, Client, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IdToken,
    IdTokenClaims, IdTokenFields, StandardErrorResponse, StandardTokenResponse, http,
};
use reqwest::redirect::Policy;
use std::pin::Pin;
use std::time::Duration;

/// How long the provider may take to connect, and to answer.
const CONNECT: Duration = Duration::from_secs(4);
const ANSWER: Duration = Duration::from_secs(10);
/// The most bytes of an answer that are read.
const MOST_BYTES: usize = 1 << 20;

/// How ID tokens may be signed: by keys that only the provider has.
pub(super) const SIGNATURES: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// An ID token with the claims that the standard has no name for.
pub(super) type Token = IdToken<Own, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;
/// Its claims, once checked.
pub(super) type Claims = IdTokenClaims<Own, CoreGenderClaim>;
type Fields = IdTokenFields<Own, EmptyExtraTokenFields, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;

/// A client that knows the provider's addresses.
pub(super) type Party = Client<
    Own,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<Fields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Why a request brought nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum Lost {
    /// Nobody answers, or not in time.
    #[error("{0}")]
    Http(#[from] reqwest::Error),
    /// An answer without an end.
    #[error("the answer is longer than {MOST_BYTES} bytes")]
    TooLong,
    /// An answer that is none.
    #[error("{0}")]
    Malformed(#[from] http::Error),
}

/// The HTTP client for the provider.
#[derive(Debug)]
pub(super) struct Http(reqwest::Client);

impl Http {
    /// Makes ready to ask; nothing is sent yet.
    ///
    /// # Errors
    /// When the system has no certificates to check the provider's with.
    pub(super) fn new() -> Result<Self, String> {
        // A redirect could carry the client's secret to somebody else.
        let client = reqwest::Client::builder().redirect(Policy::none()).connect_timeout(CONNECT).timeout(ANSWER).user_agent("redress");
        client.build().map(Self).map_err(|error| format!("no HTTP client can be made: {error}"))
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Lost> {
        let mut answer = self.0.execute(request.try_into()?).await?;
        let mut response = http::Response::builder().status(answer.status());
        for (name, value) in answer.headers() {
            response = response.header(name, value);
        }
        let mut body = Vec::new();
        while let Some(part) = answer.chunk().await? {
            if body.len() + part.len() > MOST_BYTES {
                return Err(Lost::TooLong);
            }
            body.extend_from_slice(&part);
        }
        Ok(response.body(body)?)
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = Lost;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Lost>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}
