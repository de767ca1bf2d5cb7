"""Who can reach a store, from where, and by which doors."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from posture.frozen import dataclass
from posture.model.facts import Duration, Fact, Listing, Reason, Unknown
from posture.model.subjects.terms import NEVER, ActionClass, Bound, HolderKind, NetworkKind, Ownership, Scope

NOT_TOLD = Unknown(reason=Reason.UNSUPPORTED, detail="posture does not read this of this provider")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One class of principals and one thing that they can do, with the request that proves it."""

    principal: Annotated[Fact[str], "The principal, as the provider writes it; `*` for anyone."]
    kind: Annotated[Fact[HolderKind], "How wide the class of principals is."]
    account: Annotated[Fact[str], "The account, tenant or project of the principal; empty where there is none."]
    action: Annotated[Fact[ActionClass], "What the holder can do to the logs."]
    actions: Annotated[Fact[str], "The provider's actions behind it, the weightiest first."]
    scope: Annotated[Fact[Scope], "How the holder stands to the owner of the store."]
    bound: Annotated[Fact[Bound], "From where the grant can be used."]
    via: Annotated[Fact[str], "The statement, ACL grant, access point or key that gives it."]
    conditions: Annotated[Fact[str], "Every other condition, in words; empty when there is none."]
    witness: Annotated[Fact[str], "A concrete request that the provider would allow."]
    assumptions: Annotated[Fact[str], "What the witness takes for granted, such as filters that were not read."]
    confused_deputy: Annotated[
        Fact[bool],
        "The holder acts for many customers, and nothing ties the grant to us: any of them can use it.",
    ]
    within_need: Annotated[
        Fact[bool], "It gives no more than delivery is documented to need: these actions, below the log prefix."
    ]
    delivers: Annotated[
        Fact[bool], "The holder is the role that delivers here; on that role itself, the vendor's delivery role."
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockPublicAccess:
    """The four S3 Block Public Access flags of one level."""

    block_public_acls: Annotated[Fact[bool], "New public ACLs are refused."]
    ignore_public_acls: Annotated[Fact[bool], "Public ACL grants, old and new, have no effect."]
    block_public_policy: Annotated[Fact[bool], "New public bucket policies are refused."]
    restrict_public_buckets: Annotated[Fact[bool], "A public policy serves only the owner's account and AWS services."]


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """Block Public Access at each level, and in effect."""

    account: Annotated[BlockPublicAccess, "As the owner's account sets it."]
    bucket: Annotated[BlockPublicAccess, "As the bucket sets it."]
    effective: Annotated[BlockPublicAccess, "What holds: a flag is on when any level sets it."]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessPoint:
    """Another door to a store, with a policy of its own."""

    name: Annotated[Fact[str], "Its name."]
    vpc_only: Annotated[Fact[bool], "It takes requests from one virtual network only."]
    blocked: Annotated[BlockPublicAccess, "Block Public Access as the access point sets it."]
    policy_public: Annotated[Fact[bool], "The provider itself calls its policy public."]
    widens: Annotated[Fact[bool], "Somebody outside the trust zone gets in through it who does not get in without it."]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """Somebody whom the store itself tells of objects that come and go: it learns their names without any grant."""

    target: Annotated[Fact[str], "The topic, queue or function, as the provider writes it."]
    account: Annotated[Fact[str], "The account or project that owns the target."]
    scope: Annotated[Fact[Scope], "How that owner stands to the owner of the store."]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What a store offers to the world."""

    blocked: Annotated[Blocked, "Block Public Access."]
    public_blocked: Annotated[
        Fact[bool], "Nothing that a policy, a list or a setting of the store gives to the public takes effect."
    ]
    policy_public: Annotated[Fact[bool], "The provider itself calls the store's policy public."]
    policy_public_as_documented: Annotated[
        Fact[bool], "The store's policy is public by the definition that the provider documents."
    ]
    owner_locked_out: Annotated[
        Fact[bool], "The store's policy lets nobody of the owner's account change it, but for the root user."
    ]
    access_points: Annotated[Listing[AccessPoint], "Other doors to the store."]
    website: Annotated[Fact[bool], "The store is served as a static website."]
    public_cors: Annotated[Fact[bool], "Scripts of any web origin may read responses of the store."]
    new_outsiders_refused: Annotated[
        Fact[bool], "The organisation refuses to grant anything anew to members whom it does not name; old grants stay."
    ] = NOT_TOLD
    requester_pays: Annotated[
        Fact[bool], "Whoever asks pays, and a request that names nobody to bill is refused, a delivery among them."
    ] = NOT_TOLD
    subscribers: Annotated[
        Listing[Subscriber], "Who is told of objects in the store, beside whoever may list them."
    ] = field(default_factory=lambda: Listing.unread(NOT_TOLD))


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkRule:
    """One network or resource that the rules of a store let through."""

    value: Annotated[Fact[str], "The range, subnet or resource, as the provider writes it."]
    kind: Annotated[Fact[NetworkKind], "What it is."]
    prefix_length: Annotated[Fact[int], "Of a range of addresses: the bits that are fixed; 0 for anything else."]
    own: Annotated[Fact[bool], "It is of the owner's own tenant or organisation; public addresses are nobody's."]


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """From where the store answers at all, by rules of its own; what policies ask of a network is in grants."""

    public_endpoint: Annotated[Fact[bool], "It answers at a public address, if not everybody."]
    default_open: Annotated[Fact[bool], "Whoever no rule names gets through to the public address."]
    rules: Annotated[Listing[NetworkRule], "What gets through where the rest does not."]
    trusted_services: Annotated[
        Fact[bool], "Services of the provider that deliver logs get through, whatever the rules say."
    ]
    private_endpoints: Annotated[Fact[int], "How many approved private endpoints lead to it."]
    perimeter: Annotated[
        Fact[str], "The perimeter around the owner's project that turns requests from outside away; empty for none."
    ] = NOT_TOLD
    foreign_copies_taken: Annotated[
        Fact[bool], "Objects of stores that are not our own may be copied into it by whoever may write."
    ] = NOT_TOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPolicy:
    """What a store keeps for tokens to refer to: whoever changes or removes it changes or ends all of them at once."""

    name: Annotated[Fact[str], "Its name, behind that of the part of the store that it is for."]
    permissions: Annotated[
        Fact[str], "What it lets tokens do, as the provider writes it; empty where each token says so itself."
    ]
    days_left: Annotated[
        Fact[Duration],
        "Days until it ends, and every token with it; 0 when it has, forever where each token sets an end of its own.",
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Secrets that open the store to whoever holds them, beside the provider's identities."""

    shared_keys: Annotated[Fact[bool], "Keys of the store itself open everything in it."]
    oldest_key_days: Annotated[Fact[int], "Days since the oldest such key was made; 0 where none opens the store."]
    longest_token_days: Annotated[
        Fact[Duration],
        "The longest life that the store's rules allow a token signed with such a key; 0 where none opens the store.",
    ]
    local_users: Annotated[Fact[bool], "Users of the store itself, outside the provider's identities, can sign in."]
    stored_policies: Annotated[
        Listing[StoredPolicy], "What tokens signed with such a key may refer to; nothing where none opens the store."
    ] = field(default_factory=lambda: Listing.unread(NOT_TOLD))
    renewal_reminder_days: Annotated[
        Fact[Duration],
        "After how many days the provider reminds of making such keys anew; forever when never, 0 where none opens it.",
        NEVER,
    ] = NOT_TOLD
    identity_keys: Annotated[
        Fact[bool], "A secret without an end (an HMAC key) signs requests as an identity that can reach the store."
    ] = NOT_TOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessControlList:
    """The access control list of the store, an older way to grant beside policies."""

    ownership: Annotated[Fact[Ownership], "Who owns objects that other accounts write, and whether ACLs count at all."]
    grants_beyond_owner: Annotated[Fact[bool], "The ACL is in force and grants something to anyone but the owner."]
    off_for_good: Annotated[Fact[bool], "ACLs do not count, and nobody can let them count again."] = NOT_TOLD
