"""A provider as Terraform's plugin protocol, version 6, sees it: everything follows from its table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import grpc
from tf.gen import tfplugin_pb2 as messages
from tf.gen.tfplugin_pb2_grpc import ProviderServicer
from tf.utils import read_dynamic_value, to_dynamic_value

from tests.testbeds.aws import HOME, REGION
from tests.testbeds.seed import document
from tests.testbeds.statements import administered_by
from tests.testbeds.terraform.documents import DATA
from tests.testbeds.terraform.refresh import Objects
from tests.testbeds.terraform.schema import Block, Table
from tests.testbeds.terraform.values import Object, applied, planned, replaced

Message = Any  # the classes are made when they are imported, so they have no types


class StandIn(ProviderServicer):  # type: ignore[misc] # the base has no types
    """Answers for one provider. No cloud lies behind it: what apply made is what there is."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._settings = _settings({})
        self._objects = Objects()

    def GetProviderSchema(self, request: Message, context: grpc.ServicerContext) -> Message:  # noqa: N802 - the protocol's name
        """All schemas."""
        del request, context
        return messages.GetProviderSchema.Response(
            provider=_schema(self._table.provider),
            resource_schemas={kind: _schema(block) for kind, block in self._table.resources.items()},
            data_source_schemas={kind: _schema(block) for kind, block in self._table.data.items()},
            server_capabilities=messages.ServerCapabilities(get_provider_schema_optional=True),
        )

    def GetFunctions(self, request: Message, context: grpc.ServicerContext) -> Message:  # noqa: N802 - as above
        """None."""
        del request, context
        return messages.GetFunctions.Response()

    def ValidateProviderConfig(self, request: Message, context: grpc.ServicerContext) -> Message:  # noqa: N802 - as above
        """Everything is valid."""
        del request, context
        return messages.ValidateProviderConfig.Response()

    def ValidateResourceConfig(self, request: Message, context: grpc.ServicerContext) -> Message:  # noqa: N802 - as above
        """Everything is valid."""
        del request, context
        return messages.ValidateResourceConfig.Response()

    def ValidateDataResourceConfig(self, request: Message, context: grpc.ServicerContext) -> Message:  # noqa: N802 - as above
        """Everything is valid."""
        del request, context
        return messages.ValidateDataResourceConfig.Response()

    def ConfigureProvider(self, request: Message, context: grpc.ServicerContext) -> Message:  # noqa: N802 - as above
        """Remember the settings. All configurations of one provider come here: they must agree."""
        del context
        self._settings = _settings(read_dynamic_value(request.config) or {})
        return messages.ConfigureProvider.Response()

    def UpgradeResourceState(self, request: Message, context: grpc.ServicerContext) -> Message:  # noqa: N802 - as above
        """The state as it is."""
        del context
        state = json.loads(request.raw_state.json)
        return messages.UpgradeResourceState.Response(upgraded_state=to_dynamic_value(state))

    def ReadResource(self, request: Message, context: grpc.ServicerContext) -> Message:  # noqa: N802 - as above
        """The object as apply left it, with what others say of it."""
        del context
        state = self._objects.refreshed(request.type_name, read_dynamic_value(request.current_state))
        return messages.ReadResource.Response(new_state=to_dynamic_value(state), private=request.private)

    def ReadDataSource(self, request: Message, context: grpc.ServicerContext) -> Message:  # noqa: N802 - as above
        """What the data source says."""
        del context
        config: Object = read_dynamic_value(request.config)
        block = self._table.data[request.type_name]
        state = {**planned(block, config, None, {}), **DATA[request.type_name](config, self._settings)}
        return messages.ReadDataSource.Response(state=to_dynamic_value(applied(block, state, self._settings)))

    def PlanResourceChange(self, request: Message, context: grpc.ServicerContext) -> Message:  # noqa: N802 - as above
        """The object that will be, in the loose way of providers made with the older kit."""
        del context
        prior, proposed = read_dynamic_value(request.prior_state), read_dynamic_value(request.proposed_new_state)
        if proposed is None:
            return messages.PlanResourceChange.Response(planned_state=request.proposed_new_state)
        block = self._table.resources[request.type_name]
        now = planned(block, read_dynamic_value(request.config), prior, self._settings)
        paths = replaced(block, now, prior) if prior is not None else ()
        step = messages.AttributePath.Step
        return messages.PlanResourceChange.Response(
            planned_state=to_dynamic_value(now),
            requires_replace=[messages.AttributePath(steps=[step(attribute_name=name)]) for name in paths],
            legacy_type_system=True,
        )

    def ApplyResourceChange(self, request: Message, context: grpc.ServicerContext) -> Message:  # noqa: N802 - as above
        """The object with everything known; like the real ones, it is read once it is made."""
        del context
        now = read_dynamic_value(request.planned_state)
        block = self._table.resources[request.type_name]
        state = applied(block, now, self._settings) if now is not None else None
        self._objects.change(request.type_name, read_dynamic_value(request.prior_state), state)
        if state is not None:
            state = self._objects.refreshed(request.type_name, state)
        return messages.ApplyResourceChange.Response(new_state=to_dynamic_value(state), legacy_type_system=True)

    def ImportResourceState(self, request: Message, context: grpc.ServicerContext) -> Message:  # noqa: N802 - as above
        """An object of which only the name is known."""
        del context
        block = self._table.resources[request.type_name]
        named = {name: request.id if name in {"bucket", "name"} else None for name in block.attributes}
        config: Object = {**named, **{name: [] for name in block.blocks}}
        now = planned(block, config, None, self._settings)
        state = to_dynamic_value(applied(block, now, self._settings))
        found = messages.ImportResourceState.ImportedResource(type_name=request.type_name, state=state)
        return messages.ImportResourceState.Response(imported_resources=[found])

    def StopProvider(self, request: Message, context: grpc.ServicerContext) -> Message:  # noqa: N802 - as above
        """Nothing runs that could be stopped."""
        del request, context
        return messages.StopProvider.Response()


def _settings(config: Object) -> Mapping[str, str]:
    """What values made by apply are made from, beside other attributes."""
    account = (config.get("allowed_account_ids") or [HOME])[0]
    whole = {"Sid": "Enable IAM User Permissions", **administered_by(account)}
    return {
        "account": account,
        "key_policy": document([whole]),  # what KMS gives to a key that is made without one
        "region": config.get("region") or REGION,
        "project": config.get("project") or "acme-logs",
        "subscription": config.get("subscription_id") or "00000000-0000-0000-0000-0000000000aa",
    }


def _schema(block: Block) -> Message:
    return messages.Schema(version=0, block=_block(block))


def _block(block: Block) -> Message:
    nesting = {"list": messages.Schema.NestedBlock.LIST, "set": messages.Schema.NestedBlock.SET}
    attributes = [
        messages.Schema.Attribute(
            name=name,
            type=attribute.type.encode(),
            **{flag: True for flag in attribute.flags if flag != "replaces"},
        )
        for name, attribute in block.attributes.items()
    ]
    nested = [
        messages.Schema.NestedBlock(type_name=name, nesting=nesting[each.kind], block=_block(each.block))
        for name, each in block.blocks.items()
    ]
    return messages.Schema.Block(attributes=attributes, block_types=nested)
