"""An LTE stick on the kernel's virtual USB controller (vhci_hcd; Documentation/usb/usbip_protocol.rst): qmi_wwan binds to
it, and what it carries, bare IP packets, comes out of a TUN device.

usb-modem.py TUN NAMESPACE. SIGTERM pulls it out.
"""
import collections
import errno
import fcntl
import os
import select
import signal
import socket
import struct
import subprocess
import sys

VENDOR, PRODUCT = 0x2C7C, 0x0125  # Quectel EC25: its network function is interface 4
STRINGS = ['', 'Lab', 'LTE stick', 'lab-stick']
BULK_IN = 8
CONTROLLER = '/sys/devices/platform/vhci_hcd.0/'
SPEED_HIGH = 3
SUBMIT, UNLINK, SUBMITTED, UNLINKED = 1, 2, 3, 4
STALL = -errno.EPIPE


def interface(number, endpoints=b'', protocol=0, subclass=0):
    head = struct.pack('<9B', 9, 4, number, 0, len(endpoints) // 7, 0xFF, subclass, protocol, 0)
    return head + endpoints


def endpoint(address, kind, size, interval=0):
    return struct.pack('<BBBBHB', 7, 5, address, kind, size, interval)


network = endpoint(0x89, 3, 8, 9) + endpoint(0x80 | BULK_IN, 2, 512) + endpoint(0x05, 2, 512)
interfaces = b''.join(interface(number) for number in range(4)) + interface(4, network, 0xFF, 0xFF)
descriptors = {
    1: struct.pack('<BBHBBBBHHHBBBB', 18, 1, 0x200, 0, 0, 0, 64, VENDOR, PRODUCT, 0x100, 1, 2, 3, 1),
    2: struct.pack('<BBHBBBBB', 9, 2, 9 + len(interfaces), 5, 1, 0, 0x80, 250) + interfaces,
    6: struct.pack('<BBHBBBBBB', 10, 6, 0x200, 0, 0, 0, 64, 1, 0),
}


def string_descriptor(index):
    text = b'\x09\x04' if index == 0 else STRINGS[index].encode('utf-16-le')
    return bytes([len(text) + 2, 3]) + text


def answer_control(setup):
    """Status and data that a request to the control endpoint is answered with."""
    kind, request, value, _, length = struct.unpack('<BBHHH', setup)
    if kind == 0x80 and request == 6:  # GET_DESCRIPTOR
        found = string_descriptor(value & 0xFF) if value >> 8 == 3 else descriptors.get(value >> 8)
        return (STALL, b'') if found is None else (0, found[:length])
    if kind & 0x60 == 0:  # other standard requests
        return 0, bytes(length) if kind & 0x80 else b''
    if kind == 0x21 and request in (0x00, 0x22):  # SEND_ENCAPSULATED_COMMAND, SET_CONTROL_LINE_STATE
        return 0, b''
    return STALL, b''


def open_tun(name, namespace):
    tun = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK)
    tun_no_header = 0x0001 | 0x1000
    fcntl.ioctl(tun, 0x400454CA, struct.pack('16sH22x', name.encode(), tun_no_header))
    subprocess.check_call(['ip', 'link', 'set', name, 'netns', namespace])
    return tun


def free_port():
    with open(CONTROLLER + 'status') as status:
        for line in status.readlines()[1:]:
            hub, port, state = line.split()[:3]
            if hub == 'hs' and state == '004':
                return int(port)
    raise SystemExit('no port is free')


def receive(link, length):
    data = b''
    while len(data) < length:
        part = link.recv(length - len(data))
        if not part:
            raise EOFError
        data += part
    return data


def serve(link, tun):
    waiting = collections.deque()  # (number, length) of reads that wait for a packet
    parked = set()  # reads of the interrupt endpoint, which has nothing to say

    def complete(number, status, data, length=None):
        done = len(data) if length is None else length
        link.sendall(struct.pack('>5Iiiiii8x', SUBMITTED, number, 0, 0, 0, status, done, 0, 0, 0) + data)

    while True:
        ready = select.select([link] + ([tun] if waiting else []), [], [])[0]
        if tun in ready and waiting:
            try:
                packet = os.read(tun, 2000)
            except BlockingIOError:
                continue
            number, length = waiting.popleft()
            complete(number, 0, packet[:length])
        if link not in ready:
            continue
        head = receive(link, 48)
        command, number, _, is_in, where = struct.unpack('>5I', head[:20])
        if command == UNLINK:
            other = struct.unpack('>I', head[20:24])[0]
            is_known = other in parked or any(each == other for each, _ in waiting)
            parked.discard(other)
            waiting = collections.deque(each for each in waiting if each[0] != other)
            status = -errno.ECONNRESET if is_known else 0
            link.sendall(struct.pack('>5Ii24x', UNLINKED, number, 0, 0, 0, status))
            continue
        length = struct.unpack('>I', head[24:28])[0]
        data = receive(link, length) if not is_in and length else b''
        if where == 0:
            status, answer = answer_control(head[40:48])
            complete(number, status, answer if is_in else b'', None if is_in else len(data))
        elif not is_in:
            try:
                os.write(tun, data)
            except OSError:
                pass  # what is no IP packet is of no use to anybody
            complete(number, 0, b'', length)
        elif where == BULK_IN:
            waiting.append((number, length))
        else:
            parked.add(number)


def main():
    tun = open_tun(sys.argv[1], sys.argv[2])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    port = free_port()
    with open(CONTROLLER + 'attach', 'w') as attach:
        attach.write('%d %d %d %d' % (port, theirs.fileno(), 0x10001, SPEED_HIGH))
    theirs.close()
    print('plugged in', flush=True)
    try:
        serve(ours, tun)
    except EOFError:
        pass
    finally:
        try:
            with open(CONTROLLER + 'detach', 'w') as detach:
                detach.write(str(port))
        except OSError:
            pass


main()
