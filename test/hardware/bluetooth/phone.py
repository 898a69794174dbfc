"""Two controllers of one bluetoothd: hci0 is a phone that shares its way out (NAP), hci1 is the node's. They are paired, with
whoever asks for nothing. Then it stays: the phone's service lasts as long as who registered it.

phone.py BRIDGE. Prints `paired ADDRESS`.
"""
import sys
import time

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
bus = dbus.SystemBus()
loop = GLib.MainContext.default()
AGENT = 'org.bluez.Agent1'
PHONE, NODE = '/org/bluez/hci0', '/org/bluez/hci1'


def bluez(path, interface):
    return dbus.Interface(bus.get_object('org.bluez', path), 'org.bluez.' + interface)


def properties(path):
    return dbus.Interface(bus.get_object('org.bluez', path), 'org.freedesktop.DBus.Properties')


class Agent(dbus.service.Object):
    """Allows everything."""

    @dbus.service.method(AGENT, in_signature='', out_signature='')
    def Release(self):
        pass

    @dbus.service.method(AGENT, in_signature='o', out_signature='')
    def RequestAuthorization(self, device):
        pass

    @dbus.service.method(AGENT, in_signature='os', out_signature='')
    def AuthorizeService(self, device, service):
        pass

    @dbus.service.method(AGENT, in_signature='ou', out_signature='')
    def RequestConfirmation(self, device, passkey):
        pass

    @dbus.service.method(AGENT, in_signature='', out_signature='')
    def Cancel(self):
        pass


def until(condition, what, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(what + ': not in time')
        loop.iteration(False)
        time.sleep(0.02)


def call(method, *arguments):
    """Calls it while our own agent can be asked."""
    answers = []
    method(*arguments, reply_handler=lambda *_: answers.append(None), error_handler=answers.append, timeout=30)
    until(lambda: answers, 'an answer', 31)
    if answers[0] is not None:
        raise SystemExit(str(answers[0]))


agent = Agent(bus, '/lab/agent')
agents = bluez('/org/bluez', 'AgentManager1')
agents.RegisterAgent('/lab/agent', 'NoInputNoOutput')
agents.RequestDefaultAgent('/lab/agent')
for adapter in (PHONE, NODE):
    properties(adapter).Set('org.bluez.Adapter1', 'Powered', True)
for setting in ('Discoverable', 'Pairable'):
    properties(PHONE).Set('org.bluez.Adapter1', setting, True)
bluez(PHONE, 'NetworkServer1').Register('nap', sys.argv[1])

address = str(properties(PHONE).Get('org.bluez.Adapter1', 'Address'))
phone = NODE + '/dev_' + address.replace(':', '_')
node = bluez(NODE, 'Adapter1')
node.SetDiscoveryFilter({'Transport': 'bredr'})
node.StartDiscovery()
objects = dbus.Interface(bus.get_object('org.bluez', '/'), 'org.freedesktop.DBus.ObjectManager')
until(lambda: phone in objects.GetManagedObjects(), 'the phone is found')
node.StopDiscovery()
call(bluez(phone, 'Device1').Pair)
properties(phone).Set('org.bluez.Device1', 'Trusted', True)
until(lambda: properties(phone).Get('org.bluez.Device1', 'ServicesResolved'), "the phone's services are known")
print('paired', address, flush=True)
GLib.MainLoop().run()
