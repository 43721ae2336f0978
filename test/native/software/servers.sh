#! needs: redis-server redis-cli /usr/sbin/nginx curl
## redis-server answers redis-cli over loopback
redis-server --port 7777 --save '' --daemonize no --dir . --logfile r.log & p=$!
for i in 1 2 3 4 5 6 7 8 9 10; do redis-cli -p 7777 ping 2>/dev/null && break; sleep 0.2; done
redis-cli -p 7777 set k v; redis-cli -p 7777 get k; redis-cli -p 7777 incr n; redis-cli -p 7777 rpush l a b c; redis-cli -p 7777 lrange l 0 -1; redis-cli -p 7777 eval 'return 1+1' 0; seq 100 | sed 's/.*/set key& &/' | redis-cli -p 7777 | sort | uniq -c; redis-cli -p 7777 dbsize; redis-cli -p 7777 bgsave; sleep 0.5; redis-cli -p 7777 lastsave >/dev/null; ls dump.rdb; redis-cli -p 7777 shutdown nosave; wait $p; echo $?
## nginx serves a file to curl
mkdir root; seq 1000 >root/f; echo index >root/index.html
cat >n.conf <<E
daemon off; user root; pid $PWD/n.pid; error_log $PWD/err; worker_processes 2;
events { worker_connections 16; }
http { access_log $PWD/log; client_body_temp_path $PWD/t1; proxy_temp_path $PWD/t2; fastcgi_temp_path $PWD/t3; uwsgi_temp_path $PWD/t4; scgi_temp_path $PWD/t5;
server { listen 127.0.0.1:7780; root $PWD/root; } }
E
/usr/sbin/nginx -c $PWD/n.conf & p=$!
sleep 0.5; curl -s http://127.0.0.1:7780/; curl -s http://127.0.0.1:7780/f | sha1sum; curl -s -o /dev/null -w '%{http_code}\n' http://127.0.0.1:7780/none; curl -sI http://127.0.0.1:7780/f | grep -i 'length\|HTTP'; curl -s -r 0-9 http://127.0.0.1:7780/f; kill -QUIT $p; wait $p; echo $?; wc -l <log
