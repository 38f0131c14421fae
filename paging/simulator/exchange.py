"""The exchange: the account's messages and phones, and the two directions in which a text can go.

The API sends through `accept` and calls through the switchboard, the control interface lets a phone write through
`receive`. It keeps who has opted out. It must never speak HTTP itself: that is the API's, the control interface's
and the courier's business.
"""

from collections import OrderedDict

from paging.simulator import checks, keywords, messages, twiml
from paging.simulator.carrier import Carrier
from paging.simulator.config import SimulatorConfig
from paging.simulator.courier import Courier
from paging.simulator.errors import TwilioError
from paging.simulator.faults import Fate, FaultBook
from paging.simulator.keywords import Keyword
from paging.simulator.ledger import Ledger
from paging.simulator.messages import Message
from paging.simulator.phones import Phone
from paging.simulator.reports import Reports
from paging.simulator.switchboard import Switchboard
from paging.simulator.work import Work

AUTOMATIC = {
    Keyword.STOP: keywords.STOP_ANSWER,
    Keyword.START: keywords.START_ANSWER,
    Keyword.HELP: keywords.HELP_ANSWER,
}


class NoSignalError(Exception):
    """The phone cannot send: it has no signal."""


class Exchange:
    """Everything that one simulated account knows, in memory only."""

    def __init__(self, config: SimulatorConfig) -> None:
        self.config = config
        self.inbound_url = config.inbound_url
        self.ledger = Ledger(config.ledger_history)
        self.faults = FaultBook()
        self.work = Work()
        self.courier = Courier(config, self.ledger)
        self._reports = Reports(self.courier, self.work)
        self._carrier = Carrier(config, self._reports, self.work)
        self.switchboard = Switchboard(
            config, courier=self.courier, ledger=self.ledger, reports=self._reports, work=self.work
        )
        self._messages: OrderedDict[str, Message] = OrderedDict()
        self._phones: dict[str, Phone] = {}

    def phones(self) -> list[Phone]:
        """Every phone that was registered or written to, in that order."""
        return list(self._phones.values())

    def phone(self, number: str) -> Phone:
        """The phone of this number; a number never seen before gets a phone with signal."""
        if number not in self._phones:
            config = self.config
            self._phones[number] = Phone(
                number=number, history=config.phone_history, call_history=config.call_history
            )
        return self._phones[number]

    def message(self, sid: str) -> Message | None:
        """One message by its sid, while it is still kept."""
        return self._messages.get(sid)

    def newest_first(self) -> list[Message]:
        """All messages kept, the newest first."""
        return list(reversed(self._messages.values()))

    def accept(self, order: checks.Order, fate: Fate) -> Message:
        """Take an order that passed its checks, and set it on its way."""
        phone = self.phone(order.to)
        if not phone.mobile:
            raise TwilioError(21614, order.to)
        if order.from_ in phone.opted_out_of:
            raise TwilioError(21610)
        message = Message(
            account_sid=self.config.account_sid,
            to=order.to,
            from_=order.from_,
            body=order.body,
            direction="outbound-api",
            status_callback=order.status_callback,
            validity_seconds=order.validity_seconds,
            fate=fate,
        )
        if fate.failed_at_once:
            message.move("failed", error_code=fate.error_code)
            self._keep(message)
        else:
            self._send(message, phone)
        return message

    def write(self, phone: Phone, body: str, to: str | None = None) -> Message:
        """The phone's owner sends a text to one of our numbers."""
        if not phone.signal:
            raise NoSignalError(f"{phone.number} has no signal.")
        message = Message(
            account_sid=self.config.account_sid,
            to=to or phone.last_caller() or self.config.numbers[0],
            from_=phone.number,
            body=body,
            direction="inbound",
        )
        message.move("received")
        self._keep(message)
        phone.wrote(message)
        return message

    async def receive(self, message: Message) -> None:
        """Twilio hears a text: heed its keywords, tell the application, and carry its answer back."""
        phone = self.phone(message.from_)
        self._heed(message, phone)
        answer = await self.courier.post("inbound", self.inbound_url, inbound_form(message))
        if answer.error:
            return
        try:
            replies = twiml.replies(status=answer.status, content_type=answer.content_type, text=answer.text)
        except twiml.AnswerError as error:
            self.ledger.write("debugger", code=error.code, message=str(error), sid=message.sid)
            return
        for reply in replies:
            self._reply(message, reply)

    async def reset(self) -> None:
        """Forget everything, as if the simulator had just been started."""
        await self.work.call_off()
        self._reports.forget()
        self.switchboard.forget()
        self._messages.clear()
        self._phones.clear()
        self.faults.clear()
        self.ledger.clear()
        self.inbound_url = self.config.inbound_url

    def _heed(self, message: Message, phone: Phone) -> None:
        keyword = keywords.read(message.body)
        left = message.to in phone.opted_out_of
        if keyword is Keyword.STOP:
            phone.opted_out_of.add(message.to)
        elif keyword is Keyword.START:
            phone.opted_out_of.discard(message.to)
        # Twilio says nothing when a STOP or START changes nothing, so that two machines cannot talk for ever.
        changed = left != (message.to in phone.opted_out_of)
        if keyword is Keyword.HELP or (keyword is not None and changed):
            self._send(self._outbound_reply(message.to, phone.number, AUTOMATIC[keyword]), phone)

    def _reply(self, heard: Message, reply: twiml.Reply) -> None:
        to, from_ = reply.to or heard.from_, reply.from_ or heard.to
        form = {"To": to, "From": from_, "Body": reply.body, "StatusCallback": reply.status_callback}
        phone = self.phone(to)
        try:
            order = checks.order(form, self.config)
            if order.from_ in phone.opted_out_of:
                raise TwilioError(21610)
        except TwilioError as error:
            self.ledger.write("debugger", code=error.code, message=error.message, sid=heard.sid)
            return
        message = self._outbound_reply(from_, to, reply.body)
        message.status_callback = order.status_callback
        self._send(message, phone)

    def _outbound_reply(self, from_: str, to: str, body: str) -> Message:
        return Message(
            account_sid=self.config.account_sid, to=to, from_=from_, body=body, direction="outbound-reply"
        )

    def _send(self, message: Message, phone: Phone) -> None:
        self._keep(message)
        self.work.start(self._carrier.carry(message, phone))

    def _keep(self, message: Message) -> None:
        self._messages[message.sid] = message
        while len(self._messages) > self.config.message_history:
            self._messages.popitem(last=False)


def inbound_form(message: Message) -> dict[str, str]:
    """The form by which Twilio hands an inbound text to the application."""
    return {
        "AccountSid": message.account_sid,
        "ApiVersion": messages.API_VERSION,
        "Body": message.body,
        "From": message.from_,
        "FromCity": "",
        "FromCountry": "GB",
        "FromState": "",
        "FromZip": "",
        "MessageSid": message.sid,
        "NumMedia": "0",
        "NumSegments": str(message.segments),
        "SmsMessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsStatus": "received",
        "To": message.to,
        "ToCity": "",
        "ToCountry": "GB",
        "ToState": "",
        "ToZip": "",
    }
