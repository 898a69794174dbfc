# Process 1 of the guest, on the root of the machine outside: runs one suite of tests and switches the machine off.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TERM=dumb

option() { tr ' ' '\n' </proc/cmdline | sed -n "s/^lab\.$1=//p" | base64 -d; }

ln -sfn /proc/self/fd /dev/fd
# udev, which is not here, would make these names.
mkdir -p /dev/virtio-ports
for port in /sys/class/virtio-ports/*; do
  [ -r "$port/name" ] && ln -sf "../${port##*/}" "/dev/virtio-ports/$(cat "$port/name")"
done
exec </dev/null >/dev/virtio-ports/lab.text 2>&1

ip link set lo up
hostname lab-node
# Addresses are not tested for duplicates, which takes 1 to 2 s.
sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.dad_transmits=0
ulimit -n 65536
# Nobody here asks for anything outside.
rm -f /etc/resolv.conf
echo '# none' >/etc/resolv.conf

LAB_RUN=$(option run)
export LAB_RUN
"$(option node)" --enable-source-maps "$LAB_RUN/suite.mjs"
echo 'lab: end'
echo 'lab: end' >/dev/virtio-ports/lab.results
echo o >/proc/sysrq-trigger
sleep 5
